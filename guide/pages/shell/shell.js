// In the head of every page, before Streamlit: where its server is, when it has painted, and when it is away.
{
  const { base, pages } = document.documentElement.dataset;
  const path = location.pathname.replace(/\/+$/, "");
  // Streamlit takes a page's address for that of a server, and asks there first: two errors on every page but the start.
  const server = location.origin + (base ? `/${base}` : path.replace(new RegExp(`/(?:${pages})$`), ""));
  // Its own dialog asks whether one is connected to the internet, and covers the page. Ours is below.
  window.__streamlit = { BACKEND_BASE_URL: server, HOST_CONFIG: { blockErrorDialogs: true } };

  const BLINK_MS = 2000;
  const OPENS_MS = 20000;

  document.addEventListener("DOMContentLoaded", () => {
    const root = document.getElementById("root");
    const first = document.getElementById("sw-first");
    const away = document.getElementById("sw-away");
    const attributes = { subtree: true, attributeFilter: ["data-test-connection-state", "data-test-script-state"] };
    const here = /^(localhost|.*\.localhost|127\.[\d.]+|\[::1\])$/.test(location.hostname);
    let met = false;
    let timer = 0;

    const tell = () => (away.textContent = met && here ? away.dataset.stopped : away.dataset.away);
    const look = () => {
      const app = root.querySelector("[data-testid=stApp]");
      const connected = app?.dataset.testConnectionState === "CONNECTED";
      if (connected) {
        met = true;
        clearTimeout(timer);
        timer = 0;
        away.textContent = "";
      } else {
        timer ||= setTimeout(tell, met ? BLINK_MS : OPENS_MS);
      }
      const done = connected && app.dataset.testScriptState === "notRunning";
      if (first.isConnected && (done || app?.querySelector("[data-testid=stMain] :is(h1, h2)"))) {
        first.remove();
        observer.disconnect();
        observer.observe(root, attributes); // from now on, not every change of the page
      }
    };
    const observer = new MutationObserver(look);
    observer.observe(root, { ...attributes, childList: true });
    look();
  });
}
