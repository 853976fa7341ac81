"""Looking after devices before they fail: reminders, forecasts, campaigns, renewals, rest."""
