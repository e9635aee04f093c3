"""What a network looks like and costs; takes any `nn.Module`."""
