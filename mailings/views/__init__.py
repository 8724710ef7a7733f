"""What marketers and recipients open of mailings."""
