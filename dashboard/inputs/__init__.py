"""What comes in: texts to check quotes against."""
