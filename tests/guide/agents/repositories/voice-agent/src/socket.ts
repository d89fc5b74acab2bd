export const open = (url: string) => new WebSocket(url);
