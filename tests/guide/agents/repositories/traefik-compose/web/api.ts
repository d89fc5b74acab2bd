export const ask = (token: string) =>
  fetch("/api/runs", { method: "POST", headers: { Authorization: `Bearer ${token}` } });
