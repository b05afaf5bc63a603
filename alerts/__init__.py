"""From the changes of an article to a message in front of somebody: rules, message, renderers, outbox, channels."""
