"""Who exists: sub-centers, enterprises, agencies, advisors, experts, accounts, contacts."""
