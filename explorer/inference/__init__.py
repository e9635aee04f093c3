"""What a trained network says."""
