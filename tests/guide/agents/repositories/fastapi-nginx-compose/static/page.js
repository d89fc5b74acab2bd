const source = new EventSource("/events");
source.onmessage = ({ data }) => show(JSON.parse(data));
