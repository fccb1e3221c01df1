"""Polyphase anchoring: vision transformers whose answers a circular shift of the image doesn't change."""
