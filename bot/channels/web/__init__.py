"""The public page and its chat over WebSocket."""
