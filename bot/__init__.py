"""The conversation: what people send, how it is routed, what is said back."""
