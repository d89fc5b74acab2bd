export async function listen() {
  return navigator.mediaDevices.getUserMedia({ audio: true });
}
