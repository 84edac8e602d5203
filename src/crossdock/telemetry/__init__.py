"""What a process tells of its own work: figures for Prometheus, spans for OpenTelemetry."""
