"""Consultations (预约会诊): free times, holds, appointments, reminders, calendar files."""
