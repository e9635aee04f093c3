"""What touches the machine: paths, settings, files, downloads, devices."""
