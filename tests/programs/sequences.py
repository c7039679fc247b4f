"""Dynamic programming over sequences, hidden states, time series."""

import math
from typing import Callable, List, Sequence, Tuple

import numpy as np

from tests.programs.sample import sample


def dtw(s, t, window=None):
    """Dynamic time warping distance between two series."""
    n, m = len(s), len(t)
    w = max(window, abs(n - m)) if window is not None else max(n, m)
    D = np.full((n + 1, m + 1), np.inf)
    D[0, 0] = 0
    for i in range(1, n + 1):
        for j in range(max(1, i - w), min(m, i + w) + 1):
            cost = abs(s[i - 1] - t[j - 1])
            D[i, j] = cost + min(D[i - 1, j], D[i, j - 1], D[i - 1, j - 1])
    return D[n, m]


def softmin(*values, gamma=1.0):
    z = [-v / gamma for v in values]
    top = max(z)
    return -gamma * (top + math.log(sum(math.exp(v - top) for v in z)))


def soft_edit_distance(source: str, target: str, costs: dict, gamma: float = 0.5) -> float:
    """Edit distance with a soft minimum, so that the costs can be learnt."""
    table: List[List[float]] = [[0.0] * (len(target) + 1) for _ in range(len(source) + 1)]
    for i in range(1, len(source) + 1):
        table[i][0] = i * costs["delete"]
    for j in range(1, len(target) + 1):
        table[0][j] = j * costs["insert"]
    for i, a in enumerate(source, 1):
        for j, b in enumerate(target, 1):
            change = 0.0 if a == b else costs["replace"]
            table[i][j] = softmin(
                table[i - 1][j] + costs["delete"],
                table[i][j - 1] + costs["insert"],
                table[i - 1][j - 1] + change,
                gamma=gamma,
            )
    return table[-1][-1]


def edit_distance_recursive(a, b, costs, i=None, j=None):
    """The same by plain recursion and a hard minimum."""
    if i is None:
        i, j = len(a), len(b)
    if i == 0:
        return j * costs[0]
    if j == 0:
        return i * costs[1]
    if a[i - 1] == b[j - 1]:
        return edit_distance_recursive(a, b, costs, i - 1, j - 1)
    return min(
        edit_distance_recursive(a, b, costs, i, j - 1) + costs[0],
        edit_distance_recursive(a, b, costs, i - 1, j) + costs[1],
        edit_distance_recursive(a, b, costs, i - 1, j - 1) + costs[2],
    )


def needleman_wunsch(x, y, similarity, gap):
    F = np.zeros((len(x) + 1, len(y) + 1))
    F[:, 0] = gap * np.arange(len(x) + 1)
    F[0, :] = gap * np.arange(len(y) + 1)
    for i in range(1, len(x) + 1):
        for j in range(1, len(y) + 1):
            match = F[i - 1, j - 1] + similarity[x[i - 1], y[j - 1]]
            F[i, j] = max(match, F[i - 1, j] + gap, F[i, j - 1] + gap)
    return F[-1, -1]


def hmm_forward(obs, pi, A, B):
    """Scaled forward algorithm; the log-likelihood and the filtered states."""
    T = len(obs)
    N = len(pi)
    alpha = np.zeros((T, N))
    c = np.zeros(T)
    alpha[0] = pi * B[:, obs[0]]
    c[0] = 1.0 / alpha[0].sum()
    alpha[0] *= c[0]
    for t in range(1, T):
        for j in range(N):
            alpha[t, j] = np.dot(alpha[t - 1], A[:, j]) * B[j, obs[t]]
        c[t] = 1.0 / np.sum(alpha[t])
        alpha[t] = alpha[t] * c[t]
    return -np.sum(np.log(c)), alpha


def viterbi_score(obs, start_p, trans_p, emit_p):
    states = list(start_p)
    V = [{}]
    for st in states:
        V[0][st] = math.log(start_p[st]) + math.log(emit_p[st][obs[0]])
    for t in range(1, len(obs)):
        V.append({})
        for st in states:
            best = max(V[t - 1][prev] + math.log(trans_p[prev][st]) for prev in states)
            V[t][st] = best + math.log(emit_p[st][obs[t]])
    return max(V[-1].values())


def logsumexp(x, axis=0):
    m = np.max(x, axis=axis, keepdims=True)
    return np.squeeze(m, axis) + np.log(np.sum(np.exp(x - m), axis=axis))


class LinearChainCRF:
    def __init__(self, weights, transitions):
        self.weights = weights
        self.transitions = transitions

    def score(self, X, y):
        emissions = X @ self.weights
        s = emissions[0, y[0]]
        for prev, cur, e in zip(y[:-1], y[1:], emissions[1:]):
            s += self.transitions[prev, cur] + e[cur]
        return s

    def log_partition(self, X):
        emissions = X @ self.weights
        alpha = emissions[0]
        for e in emissions[1:]:
            alpha = logsumexp(alpha[:, None] + self.transitions, axis=0) + e
        return logsumexp(alpha)

    def negative_log_likelihood(self, X, y):
        return self.log_partition(X) - self.score(X, y)


def crf_loss(crf, sentences, labels):
    return sum(crf.negative_log_likelihood(X, y) for X, y in zip(sentences, labels)) / len(sentences)


class KalmanFilter:
    def __init__(self, F, H, Q, R, x0, P0):
        self.F, self.H, self.Q, self.R = F, H, Q, R
        self.x = x0
        self.P = P0
        self.log_likelihood = 0.0

    def predict(self):
        self.x = self.F @ self.x
        self.P = self.F @ self.P @ self.F.T + self.Q
        return self.x

    def update(self, z):
        y = z - self.H @ self.x
        S = self.H @ self.P @ self.H.T + self.R
        K = self.P @ self.H.T @ np.linalg.inv(S)
        self.x = self.x + K @ y
        self.P = (np.eye(len(self.x)) - K @ self.H) @ self.P
        self.log_likelihood -= 0.5 * (
            y @ np.linalg.solve(S, y) + np.log(np.linalg.det(S)) + len(z) * np.log(2 * np.pi)
        )


def track(kf, measurements):
    estimates = []
    for z in measurements:
        kf.predict()
        kf.update(z)
        estimates.append(kf.x)
    return kf.log_likelihood, np.array(estimates)


def track_from_parameters(q, r, measurements):
    dt = 1.0
    F = np.array([[1.0, dt], [0.0, 1.0]])
    H = np.array([[1.0, 0.0]])
    Q = q * np.array([[dt**3 / 3, dt**2 / 2], [dt**2 / 2, dt]])
    kf = KalmanFilter(F, H, Q, np.array([[r]]), np.zeros(2), 10.0 * np.eye(2))
    for z in measurements:
        kf.predict()
        kf.update(z)
    return kf.log_likelihood


def rts_smoother(y, sigma_eps, sigma_eta, a1=0.0, p1=100.0):
    """Local level model: Kalman filter forwards, Rauch-Tung-Striebel smoother backwards."""
    n = len(y)
    a = np.empty(n)
    p = np.empty(n)
    a_pred, p_pred = [a1], [p1]
    for t in range(n):
        v = y[t] - a_pred[t]
        k = p_pred[t] / (p_pred[t] + sigma_eps**2)
        a[t] = a_pred[t] + k * v
        p[t] = (1 - k) * p_pred[t]
        a_pred.append(a[t])
        p_pred.append(p[t] + sigma_eta**2)
    smoothed = a.copy()
    for t in range(n - 2, -1, -1):
        J = p[t] / p_pred[t + 1]
        smoothed[t] += J * (smoothed[t + 1] - a_pred[t + 1])
    return smoothed


def garch_likelihood(params, returns):
    omega, alpha, beta = params
    sigma2 = np.zeros_like(returns)
    sigma2[0] = np.var(returns)
    for t in range(1, returns.shape[0]):
        sigma2[t] = omega + alpha * returns[t - 1] ** 2 + beta * sigma2[t - 1]
    return 0.5 * np.sum(np.log(2 * np.pi * sigma2) + returns**2 / sigma2)


def holt_winters(series, alpha, beta, gamma, period=4):
    """Triple exponential smoothing; the sum of squared errors of one-step forecasts."""
    seasonals = [series[i] - sum(series[:period]) / period for i in range(period)]
    level = series[0]
    trend = sum((series[i + period] - series[i]) / period for i in range(period)) / period
    sse = 0.0
    for i, value in enumerate(series):
        season = seasonals[i % period]
        forecast = level + trend + season
        sse += (value - forecast) ** 2
        last_level = level
        level = alpha * (value - season) + (1 - alpha) * (level + trend)
        trend = beta * (level - last_level) + (1 - beta) * trend
        seasonals[i % period] = gamma * (value - level) + (1 - gamma) * season
    return sse


def gradient_check_scan(f: Callable, init: float, xs: Sequence[float]) -> Tuple[float, List[float]]:
    carry = init
    ys = []
    for x in xs:
        carry, y = f(carry, x)
        ys.append(y)
    return carry, ys


def leaky_integrator(rate, xs):
    def step(carry, x):
        new = carry * (1 - rate) + rate * x
        return new, np.tanh(new)

    last, outputs = gradient_check_scan(step, 0.0, xs)
    return last + np.sum(outputs)


_rng = np.random.default_rng(3)
_series = 2.0 + np.sin(np.arange(12.0)) + 0.1 * _rng.normal(size=12)
_A = np.array([[0.7, 0.3], [0.4, 0.6]])
_B = np.array([[0.1, 0.4, 0.5], [0.6, 0.3, 0.1]])
_weather = (
    ["walk", "shop", "clean", "shop"],
    {"rainy": 0.6, "sunny": 0.4},
    {"rainy": {"rainy": 0.7, "sunny": 0.3}, "sunny": {"rainy": 0.4, "sunny": 0.6}},
    {
        "rainy": {"walk": 0.1, "shop": 0.4, "clean": 0.5},
        "sunny": {"walk": 0.6, "shop": 0.3, "clean": 0.1},
    },
)

SAMPLES = [
    sample(dtw, _series[:5], _series[3:10] * 1.1, wrt="s t"),
    sample(
        soft_edit_distance, "kitten", "sitting", {"delete": 1.0, "insert": 1.1, "replace": 1.3},
        wrt="costs gamma",
    ),
    sample(edit_distance_recursive, "kit", "sit", [1.0, 1.1, 1.3], wrt="costs", smooth=False),
    sample(needleman_wunsch, [0, 2, 1, 1], [2, 1, 0], _rng.normal(size=(3, 3)), -0.4, wrt="similarity gap"),
    sample(hmm_forward, [0, 2, 1, 1, 2], np.array([0.6, 0.4]), _A, _B, wrt="pi A B"),
    sample(viterbi_score, *_weather, wrt="start_p trans_p emit_p", smooth=False),
    sample(
        crf_loss, LinearChainCRF(_rng.normal(size=(3, 2)), _rng.normal(size=(2, 2))),
        [_rng.normal(size=(4, 3)), _rng.normal(size=(3, 3))], [[0, 1, 1, 0], [1, 0, 0]], wrt="crf",
    ),
    sample(
        track,
        KalmanFilter(
            np.array([[1.0, 1.0], [0.0, 1.0]]), np.array([[1.0, 0.0]]), 0.1 * np.eye(2),
            np.array([[0.5]]), np.zeros(2), np.eye(2),
        ),
        _series[:5].reshape(-1, 1), wrt="kf measurements",
    ),
    sample(
        track_from_parameters, 0.2, 0.5, _series[:5].reshape(-1, 1), wrt="q r measurements",
    ),
    sample(rts_smoother, _series, 0.6, 0.3, wrt="y sigma_eps sigma_eta"),
    sample(garch_likelihood, np.array([0.1, 0.2, 0.6]), _rng.normal(size=9), wrt="params returns"),
    sample(holt_winters, _series, 0.4, 0.1, 0.2, wrt="series alpha beta gamma"),
    sample(leaky_integrator, 0.3, _series[:6], wrt="rate xs"),
]
