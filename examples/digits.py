"""A small neural network that reads handwritten digits: plain NumPy, parameters in a dict.

`value_and_grad` writes the derivative of the loss with respect to the whole dict. Data: 1797 images
of the UCI collection Optical Recognition of Handwritten Digits (see README.md in this folder).

    python examples/digits.py
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from tangent_sct import value_and_grad

DATA = Path(__file__).with_name("digits.csv.gz")

Parameters = dict[str, np.ndarray]


def scores(parameters, images):
    """One score per image and digit: a hidden layer of tanh units, and a linear one."""
    hidden = np.tanh(images @ parameters["hidden_weights"] + parameters["hidden_bias"])
    return hidden @ parameters["weights"] + parameters["bias"]


def loss(parameters, images, truth):
    """Mean cross-entropy of the network.

    Args:
        parameters: weights and biases by name.
        images: one image per row.
        truth: one row per image, one at its digit and zero elsewhere.
    """
    score = scores(parameters, images)
    total = np.log(np.sum(np.exp(score), axis=1))
    return np.mean(total - np.sum(score * truth, axis=1))


loss_and_gradient = value_and_grad(loss)


def load() -> tuple[np.ndarray, np.ndarray]:
    """The images, scaled to [0, 1], one per row, and the digit that each one shows."""
    table = np.loadtxt(DATA, delimiter=",", dtype=np.uint8)
    return table[:, :-1] / 16, table[:, -1]


def initial(random: np.random.Generator, hidden: int = 32) -> Parameters:
    """Random weights, of a size that keeps the units off their limits."""
    return {
        "hidden_weights": random.normal(0, 1 / 8, (64, hidden)),
        "hidden_bias": np.zeros(hidden),
        "weights": random.normal(0, 1 / np.sqrt(hidden), (hidden, 10)),
        "bias": np.zeros(10),
    }


def batches(random: np.random.Generator, count: int, size: int = 50) -> Iterator[np.ndarray]:
    """Random disjoint index sets that together make up one pass through the data."""
    order = random.permutation(count)
    for start in range(0, count, size):
        yield order[start : start + size]


def train(images: np.ndarray, digits: np.ndarray, epochs: int = 30) -> Parameters:
    """Fit the network by gradient descent with momentum; prints the loss now and then."""
    random = np.random.default_rng(0)
    truth = np.eye(10)[digits]
    parameters = initial(random)
    velocity = {name: np.zeros_like(array) for name, array in parameters.items()}
    for epoch in range(1, epochs + 1):
        total = 0.0
        for batch in batches(random, len(images)):
            value, gradient = loss_and_gradient(parameters, images[batch], truth[batch])
            total += value * len(batch)
            for name in parameters:
                velocity[name] = 0.9 * velocity[name] - 0.1 * gradient[name]
                parameters[name] += velocity[name]
        if epoch % 10 == 0:
            print(f"epoch {epoch:2d}  loss {total / len(images):.4f}")
    return parameters


def accuracy(parameters: Parameters, images: np.ndarray, digits: np.ndarray) -> float:
    """Share of images whose highest score is that of the right digit."""
    return float(np.mean(np.argmax(scores(parameters, images), axis=1) == digits))


def main() -> None:
    """Train on four fifths of the images and test on the rest."""
    images, digits = load()
    held_out = np.arange(len(images)) % 5 == 0
    parameters = train(images[~held_out], digits[~held_out])
    print(f"test accuracy {accuracy(parameters, images[held_out], digits[held_out]):.1%}")


if __name__ == "__main__":
    main()
