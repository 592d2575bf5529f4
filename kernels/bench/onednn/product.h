// Products by oneDNN, of versions 2 and 3. Functions return a status; what they write is valid if it is dnnl_success.

#include <dnnl.h>

// repeat_sgemm sets the dense row-major c (m, n) to op(a)*op(b), so many times; a flag 'T' transposes.
dnnl_status_t repeat_sgemm(int calls, char trans_a, char trans_b, dnnl_dim_t m, dnnl_dim_t n, dnnl_dim_t k,
		const float *a, const float *b, float *c);

// A product is a matmul primitive. packed says that b lies in memory of its own, in the layout that the primitive likes best.
typedef struct {
	dnnl_engine_t engine;
	dnnl_stream_t stream;
	dnnl_primitive_t primitive;
	dnnl_memory_t a, b, c;
	int packed;
} product;

// product_new makes a product of the dense row-major op(a) (m, k) and op(b) (k, n), for as many threads as OpenMP grants.
// It packs b, or leaves that to each call if b is NULL.
dnnl_status_t product_new(product *p, int trans_a, int trans_b, dnnl_dim_t m, dnnl_dim_t n, dnnl_dim_t k, const float *b);

// product_run sets c to the product, so many times. It reads b unless that was packed.
dnnl_status_t product_run(product *p, int calls, const float *a, const float *b, float *c);

// product_free frees what product_new made, even if it failed half-way.
void product_free(product *p);
