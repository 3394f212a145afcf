"""What people do with the portal: one transaction each, with its entry in the handling log inside it."""
