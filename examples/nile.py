"""The flow of the Nile, fitted by maximum likelihood: a Kalman filter as a plain loop.

The local level model (Durbin and Koopman, Time Series Analysis by State Space Methods, chapter 2):

    flow[t] = level[t] + observation noise
    level[t + 1] = level[t] + state noise

The Kalman filter adds up the diffuse log-likelihood of the two variances. `grad` writes its
derivative, and SciPy climbs to the top. Data: annual flow at Aswan, 1871-1970, in 10^8 cubic metres
(see README.md in this folder).

    python examples/nile.py
"""

from __future__ import annotations

import argparse
from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
from scipy.optimize import OptimizeResult, minimize

from tangent_sct import grad

DATA = Path(__file__).with_name("nile.csv")


def negative_log_likelihood(log_variances, flow):
    """Minus the diffuse log-likelihood of a series, by the Kalman filter.

    Args:
        log_variances: logarithms of the observation variance and of the state variance.
        flow: the series.
    """
    observation = np.exp(log_variances[0])
    state = np.exp(log_variances[1])
    # A level of which nothing is known beforehand is, after one observation, that observation.
    level = flow[0]
    variance = observation + state
    total = (len(flow) - 1) * np.log(2 * np.pi)
    for t in range(1, len(flow)):
        error = flow[t] - level
        error_variance = variance + observation
        total += np.log(error_variance) + error**2 / error_variance
        gain = variance / error_variance
        level += gain * error
        variance = variance * (1 - gain) + state
    return 0.5 * total


gradient = grad(negative_log_likelihood)


def guess(flow: np.ndarray) -> np.ndarray:
    """Where the search starts: half of the variance of a series to each noise."""
    return np.log(np.full(2, np.var(flow) / 2))


def fit(flow: np.ndarray) -> OptimizeResult:
    """The most likely log variances of a series."""
    return minimize(negative_log_likelihood, guess(flow), (flow,), "BFGS", gradient)


def complex_step(log_variances: np.ndarray, flow: np.ndarray) -> np.ndarray:
    """The gradient by complex steps: exact but for rounding, one run per parameter."""
    step = 1e-30
    return np.array(
        [
            negative_log_likelihood(log_variances + 1j * step * unit, flow).imag / step
            for unit in np.eye(len(log_variances))
        ]
    )


def gradient_error(log_variances: np.ndarray, flow: np.ndarray) -> float:
    """Largest relative difference between the generated gradient and complex steps."""
    exact = complex_step(log_variances, flow)
    return float(np.max(np.abs(gradient(log_variances, flow) / exact - 1)))


def filtered_levels(log_variances: np.ndarray, flow: np.ndarray) -> np.ndarray:
    """The level of each year as known from the flows up to that year."""
    observation, state = np.exp(log_variances)
    levels = [flow[0]]
    variance = observation + state
    for value in flow[1:]:
        gain = variance / (variance + observation)
        levels.append(levels[-1] + gain * (value - levels[-1]))
        variance = variance * (1 - gain) + state
    return np.array(levels)


def plot(years: np.ndarray, flow: np.ndarray, levels: np.ndarray, path: Path) -> None:
    """Draw the flow and the filtered level."""
    figure, axes = plt.subplots(figsize=(8, 4), layout="constrained")
    axes.plot(years, flow, ".-", color="0.6", label="annual flow")
    axes.plot(years, levels, color="tab:blue", label="filtered level")
    axes.set(title="The Nile at Aswan", xlabel="year", ylabel="10⁸ m³")
    axes.legend()
    figure.savefig(path, dpi=120)
    plt.close(figure)


def main() -> None:
    """Fit the model, print it beside its generated gradient, draw it."""
    parser = argparse.ArgumentParser(description="Fit the local level model to the Nile.")
    parser.add_argument("--plot", type=Path, default=Path("nile.png"), help="the PNG file to write")
    arguments = parser.parse_args()

    years, flow = np.loadtxt(DATA, delimiter=",", skiprows=1, unpack=True)
    start = guess(flow)
    print(gradient.source_for(start, flow))

    result = fit(flow)
    observation, state = np.exp(result.x)
    print(f"{'':24}{'found':>9}{'published':>11}")
    print(f"{'observation variance':24}{observation:9.1f}{15099:11}")
    print(f"{'state variance':24}{state:9.1f}{1469.1:11}")
    print(f"{'diffuse log-likelihood':24}{-result.fun:9.1f}{-632.5:11}")
    print(f"gradient against complex steps: {gradient_error(start, flow):.1e} relative")

    plot(years, flow, filtered_levels(result.x, flow), arguments.plot)
    print(f"plot written to {arguments.plot}")


if __name__ == "__main__":
    main()
