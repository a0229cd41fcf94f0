"""The console: pages about the gateway under ``/ui/`` of the admin port, and a chat to try."""
