"""The words every other part of the compiler speaks: trees, names, origins, kinds, errors."""
