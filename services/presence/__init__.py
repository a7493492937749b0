"""Presence: who the visitors are, who of them is online and on which page, and which agents are there."""
