"""RingCentral through its official SDK: the one room that knows it, or HTTP to it."""
