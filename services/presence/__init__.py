"""The presence service: visitors, their visits and profiles, the list of online visitors, the availability of agents."""
