"""Independence of any single person, computed: who can be asked, whether a policy holds, where it is weak (04)."""
