"""A selective state space, as Mamba-2 has it: a recurrence whose step, input and readout depend on the token.

Tri Dao, Albert Gu: Transformers are SSMs, ICML 2024, arXiv 2405.21060 (SSD), after Albert Gu, Tri Dao: Mamba,
arXiv 2312.00752. In each head of P channels, with N states and A < 0 a number:

    h_t = exp(dt_t A) h_{t-1} + dt_t B_t x_t^T,    y_t = C_t^T h_t + D x_t,    h `[N, P]`,

where B_t and C_t, of all heads, are linear in the token, and dt_t, of the head, is softplus of what is linear
in it. Within a chunk of Q tokens this is masked attention,
y_t = sum_{s <= t} (C_t . B_s) exp(dt_{s+1} A + ... + dt_t A) dt_s x_s, a few products of matrices; states
pass from chunk to chunk by the recurrence (section 6 of the paper).
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from common.strict import BadInputError

LEAST_STEP, MOST_STEP = 0.001, 0.1  # of dt at the start, log-uniform, as in Mamba
LEAST_DECAY, MOST_DECAY = 1.0, 16.0  # of -A at the start, uniform, as in Mamba-2
CHUNK = 32  # tokens; the fastest on a processor at 784 tokens, where the paper has 64 to 256 for GPUs


class SelectiveStateSpace(nn.Module):
    """Maps `[batch, tokens, channels]` to the same shape, every token seeing those before it and itself.

    Args:
        channels: divided into heads of `head_width`.
        states: N, of each head.
        chunk: Q, tokens that are mixed by one product of matrices; no result hangs on it.

    Raises:
        BadInputError: where heads don't divide the channels.
    """

    def __init__(self, channels: int, states: int, head_width: int, chunk: int = CHUNK) -> None:
        super().__init__()
        if channels % head_width:
            raise BadInputError(
                f"Heads of {head_width} channels don't divide {channels}: choose a width that "
                f"{head_width} divides."
            )
        self.heads, self.states, self.chunk = channels // head_width, states, chunk
        self.select = nn.Linear(channels, 2 * states + self.heads, bias=False)
        spread = math.log(MOST_STEP / LEAST_STEP)
        steps = torch.exp(math.log(LEAST_STEP) + spread * torch.rand(self.heads))
        self.step_bias = nn.Parameter(steps.expm1().log())  # softplus of it is the step
        decays = LEAST_DECAY + (MOST_DECAY - LEAST_DECAY) * torch.rand(self.heads)
        self.log_decay = nn.Parameter(decays.log())
        self.skip = nn.Parameter(torch.ones(self.heads))

    def forward(self, tokens: Tensor) -> Tensor:
        """Chunk by chunk."""
        asked, steps, inputs, readouts = self._selected(tokens)
        count = tokens.shape[1]
        # A step of 0 neither forgets nor sees: what fills the last chunk changes nothing.
        filled = -count % self.chunk
        parts = [
            F.pad(part, (0, 0) * (part.dim() - 2) + (0, filled)) for part in (asked, steps, inputs, readouts)
        ]
        seen = self._by_chunks(*(part.unflatten(1, (-1, self.chunk)) for part in parts))
        return self._with_skip(seen.flatten(1, 2)[:, :count], asked)

    def _by_chunks(self, asked: Tensor, steps: Tensor, inputs: Tensor, readouts: Tensor) -> Tensor:
        """y - D x, `[batch, chunks, Q, heads, P]`, of parts `[batch, chunks, Q, ...]`."""
        # Heads before tokens, `[batch, chunks, heads, Q, ...]`: every sum below is a product of matrices.
        steps, asked = steps.transpose(2, 3), asked.transpose(2, 3)
        inputs, readouts = inputs[:, :, None], readouts[:, :, None]
        elapsed = torch.cumsum(
            -self.log_decay.exp()[:, None] * steps, dim=3
        )  # log of what is left of the start
        weighed = steps[..., None] * asked
        # Within a chunk. The mask comes before exp: above the diagonal the sum is positive and may overflow.
        later = torch.ones(self.chunk, self.chunk, dtype=torch.bool, device=asked.device).triu(1)
        decay = (elapsed[..., None] - elapsed[..., None, :]).masked_fill(later, -math.inf).exp()
        within = (readouts @ inputs.mT * decay) @ weighed
        # What each chunk leaves behind, what therefore stands at the start of each, and what is read of it.
        left = inputs.mT @ ((elapsed[..., -1:] - elapsed).exp()[..., None] * weighed)
        starts = _starts(left, elapsed[..., -1].exp())
        return (within + elapsed.exp()[..., None] * (readouts @ starts)).transpose(2, 3)

    @torch.no_grad()
    def recurrence(self, tokens: Tensor) -> Tensor:
        """The same, token by token: what `forward` is tested against."""
        asked, steps, inputs, readouts = self._selected(tokens)
        state = asked.new_zeros(len(tokens), self.heads, self.states, asked.shape[-1])
        found = []
        parts = (part.unbind(1) for part in (asked, steps, inputs, readouts))
        for token, step, entry, readout in zip(*parts, strict=True):
            kept = (-step * self.log_decay.exp()).exp()[:, :, None, None] * state
            state = kept + torch.einsum("bh,bn,bhp->bhnp", step, entry, token)
            found.append(torch.einsum("bn,bhnp->bhp", readout, state))
        return self._with_skip(torch.stack(found, dim=1), asked)

    def _selected(self, tokens: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """x `[batch, tokens, heads, P]`, dt `[batch, tokens, heads]`, B and C `[batch, tokens, N]`."""
        inputs, readouts, steps = self.select(tokens).split((self.states, self.states, self.heads), dim=2)
        return tokens.unflatten(2, (self.heads, -1)), F.softplus(steps + self.step_bias), inputs, readouts

    def _with_skip(self, seen: Tensor, asked: Tensor) -> Tensor:
        return (seen + self.skip[:, None] * asked).flatten(2)


def _starts(left: Tensor, kept: Tensor) -> Tensor:
    """h at the start of each chunk, `[batch, chunks, heads, N, P]`.

    Args:
        left: what a chunk adds to the state at its end, of that shape.
        kept: the share of the state at its start that is left at its end, `[batch, chunks, heads]`.
    """
    state, starts = torch.zeros_like(left[:, 0]), []
    for added, share in zip(left.unbind(1), kept.unbind(1), strict=True):
        starts.append(state)
        state = share[:, :, None, None] * state + added
    return torch.stack(starts, dim=1)
