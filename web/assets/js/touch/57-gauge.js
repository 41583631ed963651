// The ruler of the first run. A key changes its scale at once and nothing else: the
// page is drawn anew when ruler and glass agree.

const smallestPanel = 5;
const largestPanel = 100;
const millimetres = 25.4; // an inch

function showGauge(gauge, inches) {
  const text = String(Math.round(inches * 10) / 10);
  const px = Math.hypot(innerWidth, innerHeight) / (inches * millimetres);
  gauge.style.setProperty('--ruler', `${px}px`);
  gauge.querySelector('[name="diagonal"]').value = text;
  gauge.querySelector('[data-inches]').textContent = text;
  for (const key of gauge.querySelectorAll('[data-to][aria-pressed]')) key.setAttribute('aria-pressed', String(key.value === text));
}

document.addEventListener('click', (e) => {
  const key = e.target.closest('[data-to]');
  if (!key) return;
  e.preventDefault(); // without script it would be sent
  const gauge = key.closest('[data-gauge]');
  const now = Number(gauge.querySelector('[name="diagonal"]').value);
  const by = /^[-+]/.test(key.dataset.to);
  const next = Number(key.dataset.to) + (by ? now : 0);
  showGauge(gauge, Math.min(largestPanel, Math.max(smallestPanel, next)));
});
