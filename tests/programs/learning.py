"""Machine learning without a framework: networks, mixtures, kernels, estimators with `fit`."""

from typing import Optional

import numpy as np

from tests.programs.sample import sample


def sigmoid(z):
    return 1.0 / (1.0 + np.exp(-z))


def softmax(z, axis=-1):
    e = np.exp(z - z.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


class Layer:
    def forward(self, x):
        raise NotImplementedError


class Dense(Layer):
    def __init__(self, n_in, n_out, rng):
        self.W = rng.normal(size=(n_in, n_out)) / np.sqrt(n_in)
        self.b = np.zeros(n_out)

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b


class ReLU(Layer):
    def forward(self, x):
        return np.maximum(0, x)


class Network:
    def __init__(self, *layers):
        self.layers = list(layers)

    def __call__(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x


def cross_entropy(network, X, y):
    logits = network(X)
    p = softmax(logits)
    return -np.mean(np.log(p[np.arange(len(y)), y]))


def lstm_cell(x, h_prev, c_prev, params):
    """One step of an LSTM, all gates in one matrix."""
    H = h_prev.shape[0]
    z = params["Wx"] @ x + params["Wh"] @ h_prev + params["b"]
    i = sigmoid(z[:H])
    f = sigmoid(z[H : 2 * H])
    o = sigmoid(z[2 * H : 3 * H])
    g = np.tanh(z[3 * H :])
    c = f * c_prev + i * g
    h = o * np.tanh(c)
    return h, c


def lstm_loss(params, xs, target):
    H = params["Wh"].shape[1]
    h, c = np.zeros(H), np.zeros(H)
    hs = {}
    hs[-1] = h
    for t in range(len(xs)):
        h, c = lstm_cell(xs[t], h, c, params)
        hs[t] = h
    return np.sum((params["Wy"] @ hs[len(xs) - 1] - target) ** 2)


def char_rnn_loss(inputs, targets, hprev, Wxh, Whh, Why, bh, by):
    xs, hs, ys, ps = {}, {}, {}, {}
    hs[-1] = np.copy(hprev)
    loss = 0
    for t in range(len(inputs)):
        xs[t] = np.zeros((Wxh.shape[1], 1))
        xs[t][inputs[t]] = 1
        hs[t] = np.tanh(np.dot(Wxh, xs[t]) + np.dot(Whh, hs[t - 1]) + bh)
        ys[t] = np.dot(Why, hs[t]) + by
        ps[t] = np.exp(ys[t]) / np.sum(np.exp(ys[t]))
        loss += -np.log(ps[t][targets[t], 0])
    return loss


def tree_rnn(tree, embeddings, W, b):
    """The vector of a binary tree: a leaf is the number of a word, a node a pair."""
    if isinstance(tree, int):
        return embeddings[tree]
    left, right = tree
    children = np.concatenate([tree_rnn(left, embeddings, W, b), tree_rnn(right, embeddings, W, b)])
    return np.tanh(W @ children + b)


def sentiment(tree, embeddings, W, b, u):
    return sigmoid(u @ tree_rnn(tree, embeddings, W, b))


def attention(Q, K, V, mask=None):
    scores = Q @ K.T / np.sqrt(Q.shape[-1])
    if mask is not None:
        scores = np.where(mask, scores, -1e9)
    return softmax(scores) @ V


def multi_head_attention(x, Wq, Wk, Wv, Wo, n_heads=2, causal=True):
    n, d = x.shape
    q, k, v = [np.split(x @ W, n_heads, axis=1) for W in (Wq, Wk, Wv)]
    mask = np.tril(np.ones((n, n), dtype=bool)) if causal else None
    heads = [attention(*qkv, mask) for qkv in zip(q, k, v)]
    return np.hstack(heads) @ Wo


def layer_norm(x, gamma, beta, eps=1e-5):
    mean = x.mean(-1, keepdims=True)
    var = x.var(-1, keepdims=True)
    return gamma * (x - mean) / np.sqrt(var + eps) + beta


def conv2d(image, kernel, stride=1, padding=0):
    """Cross-correlation written as loops."""
    if padding > 0:
        image = np.pad(image, padding)
    kh, kw = kernel.shape
    out_h = (image.shape[0] - kh) // stride + 1
    out_w = (image.shape[1] - kw) // stride + 1
    out = np.zeros((out_h, out_w))
    for i in range(out_h):
        for j in range(out_w):
            patch = image[i * stride : i * stride + kh, j * stride : j * stride + kw]
            out[i, j] = (patch * kernel).sum()
    return out


def max_pool(x, size=2):
    h, w = x.shape
    return x.reshape(h // size, size, w // size, size).max(axis=(1, 3))


def tiny_cnn(image, kernels, weights):
    maps = []
    for kernel in kernels:
        maps.append(max_pool(np.maximum(conv2d(image, kernel, padding=1), 0)))
    features = np.stack(maps).ravel()
    return float(features @ weights)


class LogisticRegression:
    """Fitted by gradient descent, in the manner of a well-known library."""

    def __init__(self, C: float = 1.0, lr: float = 0.1, max_iter: int = 20):
        self.C = C
        self.lr = lr
        self.max_iter = max_iter
        self.coef_: Optional[np.ndarray] = None

    def fit(self, X, y):
        n_samples, n_features = X.shape
        self.coef_ = np.zeros(n_features)
        self.intercept_ = 0.0
        for _ in range(self.max_iter):
            error = sigmoid(self.decision_function(X)) - y
            self.coef_ = self.coef_ - self.lr * (X.T @ error / n_samples + self.coef_ / self.C)
            self.intercept_ -= self.lr * error.mean()
        return self

    def decision_function(self, X):
        return X @ self.coef_ + self.intercept_

    def predict_proba(self, X):
        p = sigmoid(self.decision_function(X))
        return np.column_stack([1 - p, p])


def validation_loss(C, X, y, X_val, y_val):
    """How the regularisation bears on new data: through the whole of the fit."""
    model = LogisticRegression(C=C).fit(X, y)
    p = model.predict_proba(X_val)
    return -np.mean(np.log(p[range(len(y_val)), y_val]))


def em_gaussian_mixture(X, means, sigmas, weights, n_iter=3):
    for _ in range(n_iter):
        log_prob = (
            -0.5 * ((X[:, None] - means) / sigmas) ** 2 - np.log(sigmas) + np.log(weights)
        )
        log_norm = np.logaddexp.reduce(log_prob, axis=1)
        resp = np.exp(log_prob - log_norm[:, np.newaxis])
        nk = resp.sum(axis=0) + 10 * np.finfo(float).eps
        weights = nk / len(X)
        means = (resp.T @ X) / nk
        sigmas = np.sqrt((resp * (X[:, None] - means) ** 2).sum(axis=0) / nk)
    return log_norm.mean()


def rbf_kernel(X1, X2, length_scale, variance):
    sqdist = np.sum(X1**2, 1).reshape(-1, 1) + np.sum(X2**2, 1) - 2 * np.dot(X1, X2.T)
    return variance * np.exp(-0.5 / length_scale**2 * sqdist)


def gp_negative_log_likelihood(theta, X, y):
    length_scale, variance, noise = np.exp(theta)
    K = rbf_kernel(X, X, length_scale, variance) + noise**2 * np.eye(len(X))
    L = np.linalg.cholesky(K)
    alpha = np.linalg.solve(L.T, np.linalg.solve(L, y))
    return 0.5 * y.dot(alpha) + np.sum(np.log(np.diagonal(L))) + 0.5 * len(X) * np.log(2 * np.pi)


class Kernel:
    def __add__(self, other):
        return Sum(self, other)

    def __mul__(self, other):
        return Product(self, other)


class Sum(Kernel):
    def __init__(self, k1, k2):
        self.k1, self.k2 = k1, k2

    def __call__(self, x, y):
        return self.k1(x, y) + self.k2(x, y)


class Product(Sum):
    def __call__(self, x, y):
        return self.k1(x, y) * self.k2(x, y)


class RBF(Kernel):
    def __init__(self, scale):
        self.scale = scale

    def __call__(self, x, y):
        return np.exp(-np.sum((x - y) ** 2) / (2 * self.scale**2))


class Linear(Kernel):
    def __init__(self, offset):
        self.offset = offset

    def __call__(self, x, y):
        return x @ y + self.offset


def gram_matrix(kernel, points):
    return np.array([[kernel(p, q) for q in points] for p in points])


def tsne_divergence(Y, P, degrees_of_freedom=1):
    n = Y.shape[0]
    sum_Y = np.sum(np.square(Y), 1)
    num = -2.0 * np.dot(Y, Y.T)
    num = 1.0 / (1.0 + np.add(np.add(num, sum_Y).T, sum_Y))
    num[range(n), range(n)] = 0.0
    Q = num / np.sum(num)
    Q = np.maximum(Q, 1e-12)
    return np.sum(P * np.log(P / Q))


def nmf_loss(W, H, X, n_iter=3, eps=1e-9):
    """Multiplicative updates."""
    for _ in range(n_iter):
        H *= (W.T @ X) / (W.T @ W @ H + eps)
        W *= (X @ H.T) / (W @ H @ H.T + eps)
    return np.linalg.norm(X - W @ H)


def coordinate_descent_lasso(X, y, alpha, sweeps=8):
    n, p = X.shape
    w = np.zeros(p)
    norm_cols = (X**2).sum(axis=0)
    R = y - np.dot(X, w)
    for _ in range(sweeps):
        for j in range(p):
            w_j = w[j]
            if w_j != 0.0:
                R += w_j * X[:, j]
            tmp = (X[:, j] * R).sum()
            w[j] = np.sign(tmp) * max(abs(tmp) - alpha, 0) / norm_cols[j]
            if w[j] != 0.0:
                R -= w[j] * X[:, j]
    return w


def adam_training(theta, data, lr=0.05, beta1=0.9, beta2=0.999, eps=1e-8, epochs=4):
    """A line fitted by Adam with gradients by hand; the loss at the end."""
    m, v = np.zeros_like(theta), np.zeros_like(theta)
    t = 0
    for epoch in range(epochs):
        for x, y in data:
            t += 1
            residual = theta[0] + theta[1] * x - y
            g = np.array([residual, residual * x])
            m = beta1 * m + (1 - beta1) * g
            v = beta2 * v + (1 - beta2) * g**2
            m_hat = m / (1 - beta1**t)
            v_hat = v / (1 - beta2**t)
            theta = theta - lr * m_hat / (np.sqrt(v_hat) + eps)
    return 0.5 * sum((theta[0] + theta[1] * x - y) ** 2 for x, y in data)


def soft_kmeans(X, centers, beta=2.0, iterations=3):
    K = len(centers)
    for it in range(iterations):
        dist = np.array([[np.sum((x - c) ** 2) for c in centers] for x in X])
        r = softmax(-beta * dist, axis=1)
        centers = np.vstack([np.average(X, axis=0, weights=r[:, k]) for k in range(K)])
    return centers


def residual_block(params, x):
    q, k, v = (x @ params[name] for name in ("wq", "wk", "wv"))
    scores = q @ k.T / np.sqrt(q.shape[-1])
    hidden = np.triu(np.ones_like(scores), 1).astype(bool)
    p = softmax(np.where(hidden, -1e9, scores))
    return x + layer_norm(p @ v, params["gain"], params["shift"])


def residual_stack(params, x, depth=2):
    for _ in range(depth):
        x = residual_block(params, x)
    return np.mean(x**2)


def gp_pairwise(theta, points, values):
    """Marginal likelihood, the covariance filled in pair by pair."""
    n = len(points)
    K = np.empty((n, n))
    for i in range(n):
        for j in range(i + 1):
            distance = 0.0
            for k in range(points.shape[1]):
                distance += ((points[i, k] - points[j, k]) / np.exp(theta[k])) ** 2
            K[i, j] = K[j, i] = np.exp(theta[-2] - 0.5 * distance)
    K[np.diag_indices(n)] += np.exp(theta[-1])
    L = np.linalg.cholesky(K)
    weights = np.linalg.solve(L.T, np.linalg.solve(L, values))
    return 0.5 * values @ weights + np.log(np.diag(L)).sum()


_rng = np.random.default_rng(4)
_X = _rng.normal(size=(6, 3))
_labels = np.array([0, 1, 1, 0, 1, 0])
_P = _rng.random((4, 4)) + 0.1
_lstm = {
    "Wx": _rng.normal(size=(8, 3)), "Wh": _rng.normal(size=(8, 2)), "b": _rng.normal(size=8),
    "Wy": _rng.normal(size=(1, 2)),
}

SAMPLES = [
    sample(
        cross_entropy, Network(Dense(3, 4, _rng), ReLU(), Dense(4, 2, _rng)), _X, _labels, wrt="network",
        refused="objects: a method of objects of several classes in one list",
    ),
    sample(lstm_loss, _lstm, _rng.normal(size=(4, 3)), np.array([0.4]), wrt="params xs"),
    sample(
        char_rnn_loss, [0, 2, 1], [2, 1, 3], np.zeros((3, 1)), _rng.normal(size=(3, 4)),
        _rng.normal(size=(3, 3)), _rng.normal(size=(4, 3)), np.zeros((3, 1)), np.zeros((4, 1)),
        wrt="hprev Wxh Whh Why bh by",
    ),
    sample(
        sentiment, ((0, 1), (2, (1, 3))), _rng.normal(size=(4, 2)), _rng.normal(size=(2, 4)),
        _rng.normal(size=2), _rng.normal(size=2), wrt="embeddings W b u", smooth=False,
    ),
    sample(
        multi_head_attention, _rng.normal(size=(3, 4)), _rng.normal(size=(4, 4)),
        _rng.normal(size=(4, 4)), _rng.normal(size=(4, 4)), _rng.normal(size=(4, 4)),
        wrt="x Wq Wk Wv Wo",
    ),
    sample(layer_norm, _X, np.ones(3), np.zeros(3), wrt="x gamma beta"),
    sample(
        tiny_cnn, _rng.normal(size=(4, 4)), [_rng.normal(size=(3, 3)), _rng.normal(size=(3, 3))],
        _rng.normal(size=8), wrt="image kernels weights",
    ),
    sample(
        validation_loss, 2.0, _X, _labels, _X[::-1] * 0.7, _labels, wrt="C X X_val",
    ),
    sample(
        em_gaussian_mixture, _rng.normal(size=8), np.array([-1.0, 1.0]), np.array([1.0, 0.8]),
        np.array([0.4, 0.6]), wrt="X means sigmas weights",
    ),
    sample(gp_negative_log_likelihood, np.array([0.1, -0.2, -0.5]), _X, _X[:, 0] ** 2, wrt="theta X y"),
    sample(gram_matrix, RBF(0.8) * Linear(1.0) + RBF(2.0), _X[:3], wrt="kernel points"),
    sample(tsne_divergence, _rng.normal(size=(4, 2)), _P / _P.sum(), wrt="Y P"),
    sample(nmf_loss, _rng.random((4, 2)), _rng.random((2, 5)), _rng.random((4, 5)), wrt="W H X"),
    sample(coordinate_descent_lasso, _X, _X[:, 0] * 2.0, 0.5, wrt="X y alpha"),
    sample(
        adam_training, np.array([0.5, -0.3]), [(0.1, 1.0), (0.5, 1.8), (0.9, 2.2)], wrt="theta data lr"
    ),
    sample(
        soft_kmeans, _X, _X[:2] + 0.3, wrt="X centers",
    ),
    sample(
        residual_stack,
        {
            "wq": _rng.normal(size=(3, 3)), "wk": _rng.normal(size=(3, 3)), "wv": _rng.normal(size=(3, 3)),
            "gain": np.array([1.0, 0.9, 1.2]), "shift": np.array([0.1, 0.0, -0.1]),
        },
        _X, wrt="params x",
    ),
    sample(gp_pairwise, np.array([0.1, -0.2, 0.3, 0.0, -0.5]), _X[:4], _X[:4, 0] ** 2, wrt="theta points values"),
]
