"""From trees to text that runs, is shown, compared and saved."""
