// What Streamlit is handed as a component's script. It loads the module that `data` names from our server, once for each place
// in the page, and mounts it there. It stands alone: Streamlit gets it as text, so it can import nothing by a relative path.
//
// data[0]: modules, the address of this version's modules; entry, the one that exports `mount`; revision; words.
// mount(place, data, { set, trigger }) returns { update(data), stop() }.
//
// Streamlit calls the function below for every change of data or theme, sometimes late and out of order, and calls the cleanup
// of calls that are long out of date. Only the newest call's cleanup may end what is mounted; only newer data may change it.
const HOLDERS = new WeakMap();

class Holder {
  constructor(place, data) {
    this.place = place;
    this.data = data;
    this.calls = this.tries = 0;
    this.mounted = null;
    this.gone = false;
    this.streamlit = { set: (name, value) => this.set(name, value), trigger: (name, value) => this.trigger(name, value) };
    this.#show(false); // without words and without panes it is nothing to look at
    this.#load();
  }

  take({ data, setStateValue, setTriggerValue }) {
    this.set = setStateValue;
    this.trigger = setTriggerValue;
    if ((data[0].revision ?? 0) >= (this.data[0].revision ?? 0)) {
      this.data = data;
      this.mounted?.update(data);
    }
    return ++this.calls;
  }

  async #load() {
    try {
      const { mount } = await import(this.#address());
      if (this.gone) return;
      this.mounted = mount(this.place, this.data, this.streamlit);
      this.#show(true);
    } catch (error) {
      console.warn(error);
      if (!this.gone) this.#alert();
    }
  }

  // A browser keeps a failure for as long as the page is there, so each further try has an address of its own.
  #address() {
    const [{ modules, entry }] = this.data;
    const again = this.tries ? `.${this.tries}` : "";
    return new URL(`${modules}${again}/${entry}`, document.baseURI).href;
  }

  #show(shown) {
    const content = this.place.querySelector(".lab");
    if (content) content.style.visibility = shown ? "" : "hidden";
  }

  #alert() {
    const [{ words }] = this.data;
    const box = document.createElement("div");
    box.setAttribute("role", "alert");
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: words["lab.load.again"] });
    button.onclick = () => {
      box.remove();
      this.tries += 1;
      this.#load();
    };
    box.append(Object.assign(document.createElement("p"), { textContent: words["lab.load.failed"] }), button);
    this.place.prepend(box);
  }

  end() {
    this.gone = true;
    this.mounted?.stop();
    this.place.querySelector(":scope > [role=alert]")?.remove();
  }
}

export default function (call) {
  const { parentElement: place, data } = call;
  let holder = HOLDERS.get(place);
  if (!holder) HOLDERS.set(place, (holder = new Holder(place, data)));
  const number = holder.take(call);
  return () =>
    setTimeout(() => {
      if (number !== holder.calls) return;
      holder.end();
      if (HOLDERS.get(place) === holder) HOLDERS.delete(place);
    });
}
