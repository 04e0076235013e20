"""An S3 and an SFTP server that fail when they are asked to, and what is received from them and sent to them."""
