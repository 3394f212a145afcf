"""A routing policy and the register that it is judged against (04): model, exact form, templates."""
