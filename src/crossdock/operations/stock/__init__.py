"""Stock: the ledger, who owns it, what is offered of it, and how sales reach its owner."""
