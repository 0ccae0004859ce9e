"""What each address answers: functions from a call to a reply, without aiohttp."""
