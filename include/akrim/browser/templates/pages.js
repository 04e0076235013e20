// Light or dark as Airflow is set, before anything is drawn; as the system is set where Airflow was never told.
(() => {
  const chosen = localStorage.getItem("theme");
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
})();

// On the verdict's choices 1, 2 and 3 choose and lead to the reason, where Enter records; elsewhere keys mean what they always do.
document.addEventListener("keydown", (event) => {
  if (event.target.type !== "radio" || !event.target.form?.matches("[data-verdict]") || event.ctrlKey || event.altKey || event.metaKey) return;
  const choice = event.target.form.elements.verdict[Number(event.key) - 1];
  if (!choice) return;
  event.preventDefault();
  choice.checked = true;
  event.target.form.elements.reason.focus();
});
