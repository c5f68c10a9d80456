"""Generated from the API's description by `make clients`: do not edit."""
