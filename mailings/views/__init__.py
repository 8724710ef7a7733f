"""The pages of mailings for marketers and recipients."""
