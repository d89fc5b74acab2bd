// On a narrow screen the scenarios stand in one row: the chosen one is brought into it. Nothing else moves.
export const reveal = (row = document.querySelector(".st-key-lab_picked")) => {
  const chosen = row?.querySelector("[data-selected=true]");
  if (!chosen || row.scrollWidth <= row.clientWidth) return;
  row.scrollLeft += chosen.getBoundingClientRect().left - row.getBoundingClientRect().left - row.clientWidth / 3;
};
