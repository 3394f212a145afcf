"""The public face, asked as browsers and other clients ask it."""
