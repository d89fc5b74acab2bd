"""The start page: what the two are, a picture of the difference, and three ways in."""
