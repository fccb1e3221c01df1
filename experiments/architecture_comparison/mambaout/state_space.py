"""A diagonal state space, S4D: a linear recurrence over the tokens, computed as one long convolution.

Albert Gu, Ankit Gupta, Karan Goel, Christopher Ré: On the Parameterization and Initialization of Diagonal
State Space Models, NeurIPS 2022, arXiv 2206.11893. For each channel, with N complex states whose conjugates
are implied:

    h_t = exp(dt A) h_{t-1} + (exp(dt A) - 1) / A u_t,    y_t = 2 Re(C h_t) + D u_t.

It isn't selective: Mamba's dt, B and C depend on the token, and then there is no convolution
(`selective_state_space.py`).
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

LEAST_STEP, MOST_STEP = 0.001, 0.1  # of dt at the start, log-uniform, as in S4D


class DiagonalStateSpace(nn.Module):
    """Maps `[batch, tokens, channels]` to the same shape, every token seeing those before it and itself."""

    def __init__(self, channels: int, states: int) -> None:
        super().__init__()
        spread = math.log(MOST_STEP / LEAST_STEP)
        self.log_step = nn.Parameter(math.log(LEAST_STEP) + spread * torch.rand(channels))
        # S4D-Lin: real parts of -1/2, imaginary parts of pi n.
        self.log_decay = nn.Parameter(torch.full((channels, states), math.log(0.5)))
        self.frequency = nn.Parameter(math.pi * torch.arange(states).repeat(channels, 1).float())
        # Real and imaginary parts apart: optimisers and checkpoints know real numbers best.
        self.readout = nn.Parameter(torch.randn(channels, states, 2) * 0.5**0.5)
        self.skip = nn.Parameter(torch.ones(channels))

    def forward(self, tokens: Tensor) -> Tensor:
        """By the fast Fourier transform, in float32."""
        count = tokens.shape[1]
        tokens = tokens.float()
        size = 2 * count  # room for the last token's echo, which would otherwise reach the first
        spectrum = torch.fft.rfft(self.kernel(count), size) * torch.fft.rfft(tokens.transpose(1, 2), size)
        convolved = torch.fft.irfft(spectrum, size)[..., :count].transpose(1, 2)
        seen: Tensor = convolved + self.skip * tokens
        return seen

    def kernel(self, count: int) -> Tensor:
        """`[channels, count]`: what a token is to those after it, 2 Re(C exp(dt A l) (exp(dt A) - 1) / A)."""
        decay, gain, readout = self._discretised()
        powers = torch.exp(decay.log()[..., None] * torch.arange(count, device=decay.device))
        echoes: Tensor = torch.einsum("cn,cnl->cl", readout * gain, powers).real
        return 2 * echoes

    @torch.no_grad()
    def recurrence(self, tokens: Tensor) -> Tensor:
        """The same, token by token: what `forward` is tested against."""
        decay, gain, readout = self._discretised()
        state = torch.zeros(len(tokens), *decay.shape, dtype=decay.dtype)
        found = []
        for token in tokens.unbind(1):
            state = decay * state + gain * token[..., None]
            found.append(2 * (readout * state).sum(-1).real + self.skip * token)
        return torch.stack(found, dim=1)

    def _discretised(self) -> tuple[Tensor, Tensor, Tensor]:
        """exp(dt A), (exp(dt A) - 1) / A, and C, each `[channels, states]`: a zero-order hold."""
        rates = torch.complex(-self.log_decay.exp(), self.frequency)
        decay = torch.exp(self.log_step.exp()[:, None] * rates)
        return decay, (decay - 1) / rates, torch.view_as_complex(self.readout)
