//go:build cgo

#include "product.h"

#include <string.h>

// Version 3 hides memory descriptors behind pointers, and makes primitives in fewer steps.
#if DNNL_VERSION_MAJOR >= 3
typedef const_dnnl_memory_desc_t descriptor;
#define DESCRIBED(d) (d)
#define describe dnnl_memory_desc_create_with_tag
#define forget dnnl_memory_desc_destroy
#else
typedef const dnnl_memory_desc_t *descriptor;
#define DESCRIBED(d) (&(d))
#define describe dnnl_memory_desc_init_by_tag
#define forget(d) ((void)(d))
#endif

#define TRY(call) do { dnnl_status_t status = (call); if (status != dnnl_success) return status; } while (0)

dnnl_status_t repeat_sgemm(int calls, char trans_a, char trans_b, dnnl_dim_t m, dnnl_dim_t n, dnnl_dim_t k,
		const float *a, const float *b, float *c) {
	dnnl_dim_t lda = trans_a == 'T' ? m : k, ldb = trans_b == 'T' ? k : n;
	for (int i = 0; i < calls; i++)
		TRY(dnnl_sgemm(trans_a, trans_b, m, n, k, 1, a, lda, b, ldb, 0, c, n));
	return dnnl_success;
}

// pack copies b to memory of the layout best.
static dnnl_status_t pack(product *p, descriptor given, descriptor best, const float *b) {
	dnnl_primitive_desc_t d;
	dnnl_primitive_t reorder = NULL;
	dnnl_memory_t from = NULL;
	TRY(dnnl_memory_create(&p->b, best, p->engine, DNNL_MEMORY_ALLOCATE));
	TRY(dnnl_reorder_primitive_desc_create(&d, given, p->engine, best, p->engine, NULL));
	dnnl_status_t status = dnnl_primitive_create(&reorder, d);
	if (status == dnnl_success) status = dnnl_memory_create(&from, given, p->engine, (void *)b);
	dnnl_exec_arg_t args[] = {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, p->b}};
	if (status == dnnl_success) status = dnnl_primitive_execute(reorder, p->stream, 2, args);
	if (status == dnnl_success) status = dnnl_stream_wait(p->stream);
	if (from != NULL) dnnl_memory_destroy(from);
	if (reorder != NULL) dnnl_primitive_destroy(reorder);
	dnnl_primitive_desc_destroy(d);
	return status;
}

// matmul makes the primitive and its memories. The primitive takes op(b) as wanted: as given, or in any layout.
static dnnl_status_t matmul(product *p, descriptor a, descriptor given, descriptor wanted, descriptor c, const float *b) {
	dnnl_primitive_desc_t d;
#if DNNL_VERSION_MAJOR >= 3
	TRY(dnnl_matmul_primitive_desc_create(&d, p->engine, a, wanted, NULL, c, NULL));
#else
	dnnl_matmul_desc_t operation;
	TRY(dnnl_matmul_desc_init(&operation, a, wanted, NULL, c));
	TRY(dnnl_primitive_desc_create(&d, &operation, NULL, p->engine, NULL));
#endif
	dnnl_status_t status = dnnl_primitive_create(&p->primitive, d);
	if (status == dnnl_success) status = dnnl_memory_create(&p->a, a, p->engine, DNNL_MEMORY_NONE);
	if (status == dnnl_success) status = dnnl_memory_create(&p->c, c, p->engine, DNNL_MEMORY_NONE);
	if (status == dnnl_success) {
		if (p->packed)
			status = pack(p, given, dnnl_primitive_desc_query_md(d, dnnl_query_weights_md, 0), b);
		else
			status = dnnl_memory_create(&p->b, given, p->engine, DNNL_MEMORY_NONE);
	}
	dnnl_primitive_desc_destroy(d);
	return status;
}

dnnl_status_t product_new(product *p, int trans_a, int trans_b, dnnl_dim_t m, dnnl_dim_t n, dnnl_dim_t k, const float *b) {
	memset(p, 0, sizeof *p);
	p->packed = b != NULL;
	TRY(dnnl_engine_create(&p->engine, dnnl_cpu, 0));
	TRY(dnnl_stream_create(&p->stream, p->engine, dnnl_stream_default_flags));
	dnnl_dims_t size_a = {m, k}, size_b = {k, n}, size_c = {m, n};
	dnnl_format_tag_t layout_b = trans_b ? dnnl_ba : dnnl_ab;
	dnnl_memory_desc_t a, given, wanted, c;
	TRY(describe(&a, 2, size_a, dnnl_f32, trans_a ? dnnl_ba : dnnl_ab));
	TRY(describe(&given, 2, size_b, dnnl_f32, layout_b));
	TRY(describe(&wanted, 2, size_b, dnnl_f32, p->packed ? dnnl_format_tag_any : layout_b));
	TRY(describe(&c, 2, size_c, dnnl_f32, dnnl_ab));
	dnnl_status_t status = matmul(p, DESCRIBED(a), DESCRIBED(given), DESCRIBED(wanted), DESCRIBED(c), b);
	forget(a);
	forget(given);
	forget(wanted);
	forget(c);
	return status;
}

dnnl_status_t product_run(product *p, int calls, const float *a, const float *b, float *c) {
	TRY(dnnl_memory_set_data_handle(p->a, (void *)a));
	if (!p->packed)
		TRY(dnnl_memory_set_data_handle(p->b, (void *)b));
	TRY(dnnl_memory_set_data_handle(p->c, c));
	dnnl_exec_arg_t args[] = {{DNNL_ARG_SRC, p->a}, {DNNL_ARG_WEIGHTS, p->b}, {DNNL_ARG_DST, p->c}};
	for (int i = 0; i < calls; i++)
		TRY(dnnl_primitive_execute(p->primitive, p->stream, 3, args));
	return dnnl_stream_wait(p->stream);
}

void product_free(product *p) {
	if (p->a != NULL) dnnl_memory_destroy(p->a);
	if (p->b != NULL) dnnl_memory_destroy(p->b);
	if (p->c != NULL) dnnl_memory_destroy(p->c);
	if (p->primitive != NULL) dnnl_primitive_destroy(p->primitive);
	if (p->stream != NULL) dnnl_stream_destroy(p->stream);
	if (p->engine != NULL) dnnl_engine_destroy(p->engine);
}
