export const stop = (id: string) => fetch(`/runs/${id}/cancel`, { method: "POST" });
