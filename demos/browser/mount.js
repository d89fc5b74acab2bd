// Streamlit calls this for every change of data or theme, sometimes late and out of order, and calls the cleanup of calls
// that are long out of date. Only the newest call's cleanup may end the lab; only newer data may change it.
const LABS = new WeakMap();

export default function ({ parentElement, data, setStateValue, setTriggerValue }) {
  let lab = LABS.get(parentElement);
  if (!lab) LABS.set(parentElement, (lab = Object.assign(new Lab(parentElement, data), { calls: 0, revision: data[0].revision })));
  const call = ++lab.calls;
  Object.assign(lab, { set: setStateValue, trigger: setTriggerValue });
  if (data[0].revision >= lab.revision) {
    lab.revision = data[0].revision;
    lab.update(data);
  }
  return () => setTimeout(() => call === lab.calls && (lab.stop(), LABS.delete(parentElement)));
}
