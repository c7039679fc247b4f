"""The error that checks in generated code raise."""


class DerivativeError(ValueError):
    """A check in generated code refused: the derivative asked for would have been wrong."""
