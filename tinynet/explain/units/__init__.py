"""Which units matter: filters, profiles, contributions, weak units, characteristic features."""
