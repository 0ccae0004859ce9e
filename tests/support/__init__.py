"""What several tests share: the host application, pictures of a database, the commands."""
