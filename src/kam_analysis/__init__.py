"""Key-client analysis: who the key clients are, how far the business hangs on them, what they are worth, who stays."""

__version__ = "0.2.0"
